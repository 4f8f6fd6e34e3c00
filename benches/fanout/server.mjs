// Node's `ws` as a fan-out server: each byte on the control port is one update to everybody.
//
//   node server.mjs WS_PORT CONTROL_PORT FRAME_FILE        prints `ready` when both ports are open
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { WebSocketServer } from "ws";

const [wsPort, controlPort, file] = process.argv.slice(2);
const payload = readFileSync(file);
const server = new WebSocketServer({ host: "127.0.0.1", port: Number(wsPort), perMessageDeflate: false });
server.on("connection", (socket) => socket.on("error", () => socket.terminate()));

const control = createServer((connection) => {
    connection.setNoDelay(true);
    connection.on("error", () => {});
    connection.on("data", (updates) => {
        for (let n = 0; n < updates.length; n += 1) {
            for (const client of server.clients) client.send(payload, { binary: false });
        }
    });
});

server.on("listening", () => {
    control.listen(Number(controlPort), "127.0.0.1", () => console.log("ready"));
});
