import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

/** Puts a style around a text, where colours are wanted. */
export type Paint = (style: Style, text: string) => string;

export const plain: Paint = (_style, text) => text;

export const colored: Paint = (style, text) => styleText(style, text, { validateStream: false });
