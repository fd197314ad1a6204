# repeat: 10-12 x8
# Bulk: recordings go up to a storage account, two full segments for each acknowledgement.
host sensor 10.0.0.5 64
host server 192.0.2.2 57
flow a sensor:40000 server:443
0.000 a > syn mss=1460
0.020 a < syn ack mss=1400
0.021 a > ack
0.022 a > ack hello:store.example
0.042 a < ack server-hello:1.3 ccs data:1200
0.0421 a < ack data:1395
0.043 a > ack
0.044 a > ack ccs data:53
0.064 a < ack data:300
0.070 a > ack data:1395
0.0701 a > ack data:1395
0.090 a < ack
0.092 a < ack data:200
0.100 a > ack data:19 fin
0.120 a < ack fin
0.121 a > ack
expect
flow state=closed sni=store.example tls=TLSv1.3 finished passed_len>=1400 !gap !again>=1 !again<=1
