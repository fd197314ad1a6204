# Simple packet blocks have no time: everything else is there.
format pcapng-simple
host sensor 10.0.0.5 64
host server 192.0.2.1 57
flow a sensor:40000 server:443
0.000 a > syn mss=1460
0.020 a < syn ack mss=1400
0.022 a > ack hello:www.example
expect
flow sni=www.example state=established
file packets=3
