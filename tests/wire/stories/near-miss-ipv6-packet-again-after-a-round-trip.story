# What comes again after a round trip was sent again.
host sensor 2001:db8::5 64
host server 2001:db8:1::1 57
flow a sensor:40000 server:443
0.000 a > syn mss=1440
0.002 a < syn ack mss=1400
0.0021 a > ack
0.0022 a > ack hello:www.example
0.0042 a < ack server-hello
0.0064 a < again
expect
flow again<=1 !duplicates=1 sni=www.example
