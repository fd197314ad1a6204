# Cut packets: an answer of a resolver that is not all there is no missing address, and a handshake
# that nobody can follow is no broken one.
# result: 192.0.2.1:443 direct skip None None
# note: the capture does not hold all octets of 4 of 9 packets (snap length)
# endpoints: 1
snaplen 60
host sensor 10.0.0.5 64
host resolver 10.0.0.53 64
host server 192.0.2.1 57
flow q sensor:5353 resolver:53
flow a sensor:40000 server:443
0.000 dns q > www.example A id=1
0.001 dns q < www.example A rcode=0 192.0.2.1
0.010 a > syn mss=1460
0.020 a < syn ack mss=1400
0.021 a > ack
0.022 a > ack hello:www.example
0.042 a < ack server-hello:1.3
3.043 a < fin ack
3.044 a > fin ack
expect
flow state=closed
