/** Why a run failed. Programs act on the code, people on the sentence beside it. */
export type RunErrorCode =
	/** The model server failed, or said something that cannot be understood. */
	| 'model-failed'
	/** The model said nothing for `MODEL_IDLE_TIMEOUT_MS`. */
	| 'model-timeout'
	/** The model server cannot be reached. */
	| 'model-unreachable'
	/** The model server does not know the model. */
	| 'model-unknown'
	/** The model server refused the key. */
	| 'model-key-refused'
	/** The model refused to answer. */
	| 'model-refused'
	| 'rate-limited'
	| 'too-many-turns'
	| 'context-too-long'
	/** The model server refused the request as such. */
	| 'invalid-request'
	/** The server stopped in the middle of the answer. */
	| 'interrupted'
	/** The server itself failed; the operator's log says why. */
	| 'internal';

/** Why a request was turned down before its first byte. */
export type RefusalCode =
	| 'bad-request'
	| 'bad-json'
	| 'bad-cursor'
	| 'unknown-wire'
	| 'unknown-run'
	| 'unknown-approval'
	| 'unknown-conversation'
	| 'unknown-agent'
	| 'unknown-model'
	| 'unknown-parent'
	| 'unknown-route'
	| 'method-not-allowed'
	| 'invalid'
	| 'text-too-long'
	| 'body-too-large'
	| 'unsupported-media-type'
	| 'conversation-busy'
	| 'idempotency-mismatch'
	| 'approval-needed'
	| 'approval-answered'
	| 'nothing-to-resume'
	| 'key-refused'
	| 'foreign-host'
	| 'foreign-origin'
	| 'not-acceptable'
	| 'unauthorized'
	| 'forbidden'
	| 'sign-in-not-set-up'
	| 'sign-in-unavailable'
	| 'socket-busy'
	| 'too-many-streams'
	| 'too-many-runs'
	| 'shutting-down'
	| 'too-busy'
	| 'store-unavailable'
	| 'internal';
