import type { MarkedToken } from 'marked';

/** A block of a Markdown text at its place in it. Only the last block of a growing text changes. */
export class Block {
	readonly id: number;
	token: MarkedToken;
	/** It is the last of a text that grows; each block knows it for itself, or all would be asked. */
	open = $state.raw(false);

	constructor(id: number, token: MarkedToken) {
		this.id = id;
		this.token = $state.raw(token);
	}
}
