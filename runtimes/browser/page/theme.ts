/** A button that switches between light and dark; until then the page is as the system is. */
export function switchTheme(button: HTMLElement): void {
  const { classList } = document.documentElement;
  button.addEventListener('click', () => {
    const chosen = classList.contains('dark') || classList.contains('light');
    const dark = chosen ? classList.contains('dark') : matchMedia('(prefers-color-scheme: dark)').matches;
    classList.toggle('dark', !dark);
    classList.toggle('light', dark);
  });
}
