# result: www.example:443 direct pass None None
# says: hides the certificate, and nothing shows whether it convinces
# note: TLS 1.3 hides certificates
# exit: 0
# A handshake of TLS 1.3 that works, closed in order.
host sensor 10.0.0.5 64
host server 192.0.2.1 57
flow a sensor:40000 server:443
0.000 a > syn mss=1460 ts
0.020 a < syn ack mss=1400 ts
0.021 a > ack
0.022 a > ack hello:www.example
0.042 a < ack server-hello:1.3 ccs data:2000
0.043 a > ack
0.044 a > ack ccs data:53
0.064 a < ack data:300
0.065 a > ack data:19 fin
0.085 a < ack fin
0.086 a > ack
expect
flow src=10.0.0.5:40000 dst=192.0.2.1:443 proto=tcp state=closed rtt_us=20000 closed_by=src sni=www.example hello-whole tls=TLSv1.3 finished mss>=1460 mss<=1400 !gap !client-maybe-alert !server-maybe-alert !foreign=yes
flow !again>=1 !again<=1 !lost_len>=1 ttl<=57
file packets=11 flows=1
no dns
