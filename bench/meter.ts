/** What a process, with all its threads, has used so far. */
export interface Meter {
	/** Microseconds on a core, of the program and of the kernel for it. */
	cpu: number;
	/** Resident memory in bytes. */
	memory: number;
}

// preloaded into every program of the bench: tells its parent when asked, and leaves with it
process.on('message', (message) => {
	if (message !== 'meter') return;
	const { user, system } = process.cpuUsage();
	const meter: Meter = { cpu: user + system, memory: process.memoryUsage.rss() };
	process.send?.(meter);
});
process.on('disconnect', () => process.exit());
process.channel?.unref();
