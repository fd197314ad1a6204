# A bridge shows every packet of the server twice; IPv6 has no identification, and a SYN-ACK may have 0.
host sensor 2001:db8::5 64
host server 2001:db8:1::1 57
flow a sensor:40000 server:443
0.000 a > syn mss=1440
0.020 a < syn ack mss=1400
0.0201 a < again
0.021 a > ack
0.022 a > ack hello:www.example
0.043 a < ack server-hello
0.0431 a < again
expect
flow duplicates=2 !again<=1 syns>=1 sni=www.example
