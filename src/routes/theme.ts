import type { Cookies } from '@sveltejs/kit';

/** How the page looks: as the system does, or as the person chose. */
export type Theme = 'system' | 'light' | 'dark';

/** The theme that was chosen in this browser; a cookie, so that the first byte knows it. */
export function themeOf(cookies: Cookies): Theme {
	const theme = cookies.get('theme');
	return theme === 'light' || theme === 'dark' ? theme : 'system';
}

/** Shows a theme and remembers it for a year. */
export function setTheme(theme: Theme): void {
	if (theme === 'system') delete document.documentElement.dataset['theme'];
	else document.documentElement.dataset['theme'] = theme;
	document.cookie = `theme=${theme}; path=/; max-age=31536000; samesite=lax`;
}
