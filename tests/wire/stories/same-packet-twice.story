# A mirror port shows every packet twice; that is no retransmission.
host sensor 10.0.0.5 64
host server 192.0.2.1 57
flow a sensor:40000 server:443
0.000 a > syn mss=1460 id=7
0.0001 a > again id=7
0.020 a < syn ack mss=1400 id=8
0.0201 a < again id=8
0.021 a > ack id=9
0.022 a > ack hello:www.example id=10
0.0221 a > again id=10
expect
flow duplicates=3 !again>=1 syns>=1 sni=www.example
