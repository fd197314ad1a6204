# result: www.example:443 direct fail tls-not-tls endpoint
# A mail server on the endpoint's port greets before the ClientHello.
host sensor 10.0.0.5 64
host server 192.0.2.1 57
flow a sensor:40000 server:443
0.000 a > syn mss=1460
0.020 a < syn ack mss=1400
0.021 a > ack
0.041 a < ack text:220\_mail.example\_ready\r\n
0.042 a > ack hello:www.example
0.043 a > fin ack
expect
flow sni=www.example not-tls=220_mail.example_ready__
