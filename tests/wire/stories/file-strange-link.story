format pcapng
link strange
host sensor 10.0.0.5 64
host server 192.0.2.1 57
flow a sensor:40000 server:443
0.000 a > syn mss=1460
expect
file packets=1 unsupported=1
no flow
