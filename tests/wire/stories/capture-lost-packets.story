# Acknowledged, but not in the capture: that is the capture's loss, not the network's.
host sensor 10.0.0.5 64
host server 192.0.2.1 57
flow a sensor:40000 server:443
0.000 a > syn mss=1460
0.020 a < syn ack mss=1460
0.021 a > ack
0.022 a > ack hello:www.example
0.042 a < ack server-hello:1.2 cert:2 part=0-1000
0.043 a < ack len=1000 lost
0.044 a < ack len=500
0.045 a > ack
expect
flow unseen<=1 !again<=1 !lost_len<=1 gap
