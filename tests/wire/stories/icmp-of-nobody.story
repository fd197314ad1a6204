# An error about a connection that is not in the capture.
host sensor 10.0.0.5 64
host server 192.0.2.1 57
host router 10.0.7.1 63
flow a sensor:40000 server:443
flow b sensor:40001 server:443
0.000 a > syn mss=1460
0.001 b > syn mss=1460
0.005 router icmp 3 1 b
expect
flow src=10.0.0.5:40001 icmp=host-unreachable
flow src=10.0.0.5:40000 !icmp=host-unreachable
