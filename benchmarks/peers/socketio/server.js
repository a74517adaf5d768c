// Socket.IO as its documentation sets it up: WebSocket only, no compression, connection state recovery in memory.
const { createServer } = require("node:http");
const { Server } = require("socket.io");

const http = createServer();
const io = new Server(http, {
  transports: ["websocket"],
  perMessageDeflate: false,
  connectionStateRecovery: { maxDisconnectionDuration: 120000 },
});

io.on("connection", (socket) => {
  const room = socket.handshake.query.room;
  if (room) socket.join(room);
  socket.on("echo", (message) => socket.emit("echo", message));
  socket.on("publish", (to, message) => io.to(to).emit("news", message));
});

http.listen(0, "127.0.0.1", () => console.log(`listening on ${http.address().port}`));
