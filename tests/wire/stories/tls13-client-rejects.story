# result: www.example:443 direct fail cert-untrusted endpoint
# note: the client ended right after the certificate
# The client dislikes the certificate: one encrypted record of an alert's length, then nothing.
host sensor 10.0.0.5 64
host server 192.0.2.1 57
flow a sensor:40000 server:443
0.000 a > syn mss=1460
0.020 a < syn ack mss=1400
0.021 a > ack
0.022 a > ack hello:www.example
0.042 a < ack server-hello:1.3 ccs data:1800
0.044 a > ack ccs data:19
0.045 a > ack fin
expect
flow sni=www.example client-maybe-alert !finished closed_by=src state=closing
