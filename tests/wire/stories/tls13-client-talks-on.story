# result: www.example:443 direct pass None None
# says: hides the certificate, but the client went on after it
# A client that sends a request after the handshake has accepted the certificate that nobody can see.
host sensor 10.0.0.5 64
host server 192.0.2.1 57
flow a sensor:40000 server:443
0.000 a > syn mss=1460
0.020 a < syn ack mss=1400
0.021 a > ack
0.022 a > ack hello:www.example
0.042 a < ack server-hello:1.3 ccs data:2000
0.044 a > ack ccs data:53
0.045 a > ack data:120
0.064 a < ack data:300
0.065 a > ack data:19 fin
0.085 a < ack fin
0.086 a > ack
expect
flow state=closed tls=TLSv1.3 finished !client-maybe-alert
