// node receiver.js PORT SECRET LOG: writes a line "id payment n" for each event that it takes, or "bad reason" where the signature is wrong.
// Of what arrives, some is answered 500, some connections are cut before or after the event was taken, and a few are never answered.
const fs = require("node:fs");
const http = require("node:http");
const { Webhook } = require("standardwebhooks");

const [port, secret, path] = process.argv.slice(2);
const webhook = new Webhook(secret);
const log = fs.openSync(path, "a");
const write = (line) => fs.writeSync(log, line + "\n");

http
  .createServer((request, response) => {
    const parts = [];
    request.on("data", (part) => parts.push(part));
    request.on("end", () => {
      let event;
      try {
        event = webhook.verify(Buffer.concat(parts).toString("utf8"), request.headers);
      } catch (fault) {
        write(`bad ${fault.message}`);
        response.writeHead(401).end();
        return;
      }

      const chance = Math.random();
      if (chance < 0.05) {
        response.writeHead(500).end("no luck");
      } else if (chance < 0.07) {
        request.socket.destroy();
      } else if (chance < 0.071) {
        write("hung");
      } else {
        write(`${request.headers["webhook-id"]} ${event.data.payment} ${event.data.n}`);
        if (chance < 0.09) {
          request.socket.destroy();
        } else {
          response.writeHead(204).end();
        }
      }
    });
  })
  .listen(Number(port), "127.0.0.1", () => console.log("listening"));
