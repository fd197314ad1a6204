# A captive portal answers on the TLS port; asked in plain HTTP, it says who it is.
# result: www.example:443 direct fail tls-not-tls endpoint
# says: Log in to the plant network
# endpoints: 1
host sensor 10.0.0.5 64
host resolver 10.0.0.53 64
host server 192.0.2.1 57
flow q sensor:5353 resolver:53
flow a sensor:40000 server:443
flow b sensor:40001 server:443
0.000 dns q > www.example A id=1
0.001 dns q < www.example A rcode=0 192.0.2.1
0.010 a > syn mss=1460
0.020 a < syn ack mss=1400
0.021 a > ack
0.022 a > ack hello:www.example
0.042 a < ack text:HTTP/1.1\_400\_Bad\_Request\r\nContent-Length:\_2\r\n\r\nno
0.043 a < fin ack
0.044 a > fin ack
0.064 a < ack
0.110 b > syn mss=1460
0.120 b < syn ack mss=1400
0.121 b > ack
0.122 b > ack text:GET\_/\_HTTP/1.1\r\nHost:\_www.example\r\n\r\n
0.142 b < ack text:HTTP/1.1\_302\_Found\r\nLocation:\_http://portal.example/\r\nContent-Length:\_43\r\n\r\n<title>Log\_in\_to\_the\_plant\_network</title>
0.143 b < fin ack
0.144 b > fin ack
0.164 b < ack
expect
flow src=10.0.0.5:40001 request=GET page=302 page-location=http://portal.example/
