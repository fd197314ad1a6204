# Segments larger than any packet: the network card cuts them. The limit stays the MSS.
host sensor 10.0.0.5 64
host server 192.0.2.1 57
flow a sensor:40000 server:443
0.000 a > syn mss=1460 ts
0.020 a < syn ack mss=1400 ts
0.021 a > ack
0.022 a > ack hello:www.example/6000
0.300 a > again part=0-1388
0.700 a > ack again part=0-1388
1.500 a > ack again part=0-1388
expect
flow lost_len>=1388 sni=www.example hello_len=6000
