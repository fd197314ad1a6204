# Full-size segments from the server vanish; a later connection with a small MSS gets through.
# result: www.example:443 direct fail mtu-blackhole sensor>endpoint
host sensor 10.0.0.5 64
host server 192.0.2.1 57
flow a sensor:40000 server:443
flow b sensor:40001 server:443
0.000 a > syn mss=1460
0.020 a < syn ack mss=1460
0.021 a > ack
0.022 a > ack hello:www.example
0.042 a < ack server-hello:1.3
0.043 a < ack data:4000 part=0-1460 lost
0.044 a < ack len=1460 lost
0.045 a < ack len=200
0.046 a > ack ack=87
5.000 a > ack ack=87 fin
6.000 b > syn mss=536
6.020 b < syn ack mss=1460
6.021 b > ack
6.022 b > ack hello:www.example
6.042 b < ack server-hello:1.3 data:300
6.043 b > ack data:53
6.060 b < ack data:200
expect
flow lost_len<=1460 mss>=1460
flow finished mss>=536
