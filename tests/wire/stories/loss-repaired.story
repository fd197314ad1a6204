# A segment from the server was lost and sent again: late by more than a round trip.
host sensor 10.0.0.5 64
host server 192.0.2.1 57
flow a sensor:40000 server:443
0.000 a > syn mss=1460
0.020 a < syn ack mss=1460
0.021 a > ack
0.022 a > ack text:hello
0.042 a < ack len=1000
0.043 a < ack len=1000 lost
0.044 a < ack len=1000
0.045 a > ack ack=1000
0.250 a < ack back=1
0.251 a > ack
expect
flow again<=1 !reordered<=1 !lost_len<=1 passed_len<=1000
