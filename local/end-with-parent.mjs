// Loaded before Wrangler: when the launcher is gone, however it ended, the Worker ends too and frees its port.
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
process.channel?.unref();
