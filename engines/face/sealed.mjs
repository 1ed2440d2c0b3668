// What this process gives up before it loads anything else: the network. It listens on one unix socket and calls nobody.
import dgram from 'node:dgram';
import dns from 'node:dns';
import net from 'node:net';

const refuse = () => {
  throw new Error('this process makes no connections');
};
net.Socket.prototype.connect = refuse;
dgram.createSocket = refuse;
dns.lookup = refuse;
delete globalThis.fetch;
delete globalThis.WebSocket;
