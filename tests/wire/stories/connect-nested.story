# result: www.example:443 hop1>hop2 pass None None
# A tunnel in a tunnel, and TLS in it.
host sensor 10.0.0.5 64
host hop1 10.0.1.1 63
flow a sensor:40000 hop1:3128
0.000 a > syn mss=1460
0.001 a < syn ack mss=1400
0.002 a > ack
0.003 a > ack connect:hop2.example:3128
0.004 a < ack status:200
0.005 a > ack connect:www.example:443
0.006 a < ack status:200
0.007 a > ack hello:www.example
0.027 a < ack server-hello:1.3 data:900
0.028 a > ack data:53
expect
flow connect=hop2.example:3128 connect=www.example:443 status=200 sni=www.example finished
