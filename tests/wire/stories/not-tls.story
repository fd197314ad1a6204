# result: www.example:443 direct fail tls-not-tls endpoint
# A captive portal answers TLS with HTTP.
host sensor 10.0.0.5 64
host server 192.0.2.1 57
flow a sensor:40000 server:443
0.000 a > syn mss=1460
0.020 a < syn ack mss=1400
0.021 a > ack
0.022 a > ack hello:www.example
0.042 a < ack text:HTTP/1.1\_302\_Found\r\nLocation:\_http://portal/\r\n\r\n
expect
flow sni=www.example not-tls=HTTP/1.1_302_Found__Location:_http://portal/____
