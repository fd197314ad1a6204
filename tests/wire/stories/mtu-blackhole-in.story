# The server's full-size segments never arrive; its last, small one does.
host sensor 10.0.0.5 64
host server 192.0.2.1 57
flow a sensor:40000 server:443
0.000 a > syn mss=1460
0.020 a < syn ack mss=1460
0.021 a > ack
0.022 a > ack hello:www.example
0.042 a < ack server-hello:1.3 data:4000 part=0-1460 lost
0.0421 a < ack len=1460 lost
0.0422 a < ack len=200
0.0423 a > ack ack=0
expect
flow lost_len<=1460 !lost_len>=1 sni=www.example packets<=2
