# repeat: 11-13 x3
# The same through a proxy.
host sensor 10.0.0.5 64
host hop1 10.0.1.1 63
flow a sensor:40000 hop1:3128
0.000 a > syn mss=1460
0.001 a < syn ack mss=1400
0.002 a > ack
0.003 a > ack connect:hub-two.example:443
0.023 a < ack status:200
0.024 a > ack hello:hub-two.example
0.044 a < ack server-hello:1.3 ccs data:1200
0.0441 a < ack data:1395
0.045 a > ack
0.046 a > ack ccs data:53
0.070 a > ack data:120
0.090 a < ack data:180
0.091 a > ack
0.100 a > ack data:19 fin
0.120 a < ack fin
0.121 a > ack
expect
flow state=closed connect=hub-two.example:443 status=200 sni=hub-two.example finished !gap !again>=1 !again<=1
