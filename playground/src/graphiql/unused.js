// Stands in for the modules that vite.config.js leaves out.
export class ColorHoverParticipant {}
export class DiffEditorWidget {}
export class InlayHintsHover {}
export class InlineSuggestionHintsContentWidget {}
export class MultiDiffEditorWidget {}
export const linesDiffComputers = {};
