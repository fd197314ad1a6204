# result: www.example:443 hop1 pass None None
# endpoints: 1
# A proxy named by one label is looked for in two domains; a connection that asks for nothing comes
# before the one that shows that it is a proxy. Neither its port nor the wrong name is an endpoint.
host sensor 10.0.0.5 64
host resolver 10.0.0.1 64
host hop1 10.0.1.1 63
flow d sensor:40001 resolver:53
flow o sensor:40002 hop1:3128
flow p sensor:40003 hop1:3128
0.000 dns d > proxy1.office.example A id=7
0.001 dns d < proxy1.office.example A id=7 rcode=3
0.002 dns d > proxy1.plant.example A id=8
0.003 dns d < proxy1.plant.example A id=8 rcode=0 10.0.1.1
0.010 o > syn mss=1460
0.011 o < syn ack mss=1400
0.012 o > ack
0.013 o > fin ack
0.014 o < fin ack
0.015 o > ack
0.020 p > syn mss=1460
0.021 p < syn ack mss=1400
0.022 p > ack
0.023 p > ack connect:www.example:443
0.024 p < ack status:200
0.027 p > ack hello:www.example
0.047 p < ack server-hello:1.3 data:900
0.048 p > ack data:53
0.060 p < ack data:200
expect
flow src=10.0.0.5:40003 finished
