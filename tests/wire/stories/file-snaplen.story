# Cut at 96 octets: headers are whole, the ClientHello is not, but its name stands in front.
snaplen 130
host sensor 10.0.0.5 64
host server 192.0.2.1 57
flow a sensor:40000 server:443
0.000 a > syn mss=1460
0.020 a < syn ack mss=1400
0.021 a > ack
0.022 a > ack hello:w.example/500
0.042 a < ack server-hello:1.3 data:900
expect
flow sni=w.example !hello-whole hello_len=500 gap bytes>=505
file !cut=1
