# result: v6.example:443 direct fail tls-alert endpoint
# exit: 1
host sensor 2001:db8::5 64
host server 2001:db8:1::1 57
flow a sensor:40000 server:443
0.000 a > syn mss=1440
0.020 a < syn ack mss=1440
0.021 a > ack
0.022 a > ack hello:v6.example
0.042 a < ack alert:40
0.043 a < ack fin
expect
flow src=[2001:db8::5]:40000 dst=[2001:db8:1::1]:443 sni=v6.example alert=handshake_failure closed_by=dst !finished
