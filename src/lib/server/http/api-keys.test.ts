import { expect, test } from 'vitest';
import { bringsKey } from './api-keys.ts';

const keys = ['first-key', 'second-key'];

test.for(['Bearer first-key', 'Bearer second-key', 'bearer second-key'])(
	'a key of the list is let in: %s',
	(authorization) => {
		expect(bringsKey(authorization, keys)).toBe(true);
	}
);

test.for([null, '', 'Bearer', 'Bearer ', 'Bearer first', 'Bearer first-key2', 'Basic first-key'])(
	'anything else is not: %s',
	(authorization) => {
		expect(bringsKey(authorization, keys)).toBe(false);
		expect(bringsKey(authorization, [])).toBe(false);
	}
);
