# The same TTL by chance, but the real server answers after "its" reset.
host sensor 10.0.0.5 64
host server 192.0.2.1 57
flow a sensor:40000 server:443
0.000 a > syn mss=1460
0.020 a < syn ack mss=1400
0.021 a > ack
0.022 a > ack hello:blocked.example
0.024 a < rst
0.044 a < ack server-hello:1.3 data:500
expect
flow foreign=yes reset_by=dst
