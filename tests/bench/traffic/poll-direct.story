# repeat: 10-12 x3
# A sensor asks the cloud for news over TLS 1.3: a small request, an answer of one segment.
host sensor 10.0.0.5 64
host server 192.0.2.1 57
flow a sensor:40000 server:443
0.000 a > syn mss=1460 ts
0.020 a < syn ack mss=1400
0.021 a > ack
0.022 a > ack hello:hub-one.example
0.042 a < ack server-hello:1.3 ccs data:1200
0.0421 a < ack data:1395
0.043 a > ack
0.044 a > ack ccs data:53
0.064 a < ack data:300
0.070 a > ack data:120
0.090 a < ack data:180
0.091 a > ack
0.100 a > ack data:19 fin
0.120 a < ack fin
0.121 a > ack
expect
flow state=closed sni=hub-one.example tls=TLSv1.3 finished !gap !again>=1 !again<=1
