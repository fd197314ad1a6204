# A router says how large a packet may be; then it goes on, smaller.
host sensor 10.0.0.5 64
host server 192.0.2.1 57
host router 10.0.7.1 63
flow a sensor:40000 server:443
0.000 a > syn mss=1460
0.020 a < syn ack mss=1460
0.021 a > ack
0.022 a > ack hello:www.example/1800 part=0-1460
0.023 router icmp 3 4 a mtu=1400
0.024 a > ack again part=0-1360
0.025 a > ack back=1 part=1360-1460
0.044 a < ack=1360 ack
expect
flow icmp=fragmentation-needed mtu=1400 from=10.0.7.1 lost_len>=1460 passed_len>=1360
