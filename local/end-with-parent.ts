// A thread that ends its process as soon as the parent process has ended, whatever the other threads do.

const CHECK_MS = 200

const parent = process.ppid
setInterval(() => {
  if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL')
}, CHECK_MS)
