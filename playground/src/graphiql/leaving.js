// In an editor Tab indents, so Escape has to lead out of it: to the frame around it, from which Tab goes on and
// Enter leads back in. Where Escape closes something of the editor's, it does that.
const OPEN = ['.suggest-widget.visible', '.find-widget.visible', '.parameter-hints-widget.visible'].join();

export function leaveEditorsByEscape() {
  addEventListener(
    'keydown',
    ({ key, target }) => {
      const editor = key === 'Escape' && target.closest?.('.graphiql-editor');
      if (editor && target !== editor && !editor.querySelector(OPEN)) editor.focus();
    },
    true,
  );
}
