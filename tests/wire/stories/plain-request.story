host sensor 10.0.0.5 64
host server 192.0.2.1 57
flow a sensor:40000 server:80
0.000 a > syn mss=1460
0.020 a < syn ack mss=1400
0.021 a > ack
0.022 a > ack text:GET\_/ocsp\_HTTP/1.1\r\nHost:\_ocsp.example\r\nProxy-Authorization:\_Basic\_QUJD\r\n\r\n
0.042 a < ack text:HTTP/1.1\_200\_OK\r\nContent-Length:\_2\r\n\r\nok
expect
flow request=GET host=ocsp.example !connect=/ocsp
secret len=4
