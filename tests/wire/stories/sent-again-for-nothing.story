# A slow server: the FIN is sent again, and the server says that it has it twice (RFC 2883).
host sensor 10.0.0.5 64
host server 192.0.2.1 57
flow a sensor:40000 server:443
0.000 a > syn mss=1460
0.001 a < syn ack mss=1460
0.002 a > ack text:hello
0.003 a > ack fin
0.010 a > ack again
0.011 a < ack dsack=5-6
expect
flow again>=1 needless>=1
