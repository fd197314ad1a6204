host sensor 10.0.0.5 64
host server 192.0.2.1 57
flow a sensor:40000 server:443
flow b sensor:40000 server:443
0.000 a > syn mss=1460
0.020 a < rst ack
0.500 a > text:gap lost
9.000 a > syn mss=1460
9.020 a < syn ack mss=1400
expect
file flows=2
flow state=reset first_frame=1
flow state=syn-answered first_frame=3
