# A SOCKS proxy that answers as one: nobody's mistake.
host sensor 10.0.0.5 64
host hop1 10.0.1.1 63
flow a sensor:40000 hop1:1080
0.000 a > syn mss=1460
0.001 a < syn ack mss=1400
0.002 a > ack
0.003 a > ack text:\5\2\0\1
0.004 a < ack text:\5\0
expect
flow src=10.0.0.5:40000 !socks=5
