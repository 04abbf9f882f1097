// Built-ins that are younger than ES2018, and than the browsers that have all of it: Chrome and Android's web view 64,
// Safari 12, Firefox 78. Those of the language come first, then those of the browser.

/** Methods and properties, whatever they are called on: that of a value nobody sees in the text. */
export const MEMBERS = new Set([
  // ES2019
  'flat', 'flatMap', 'fromEntries', 'trimStart', 'trimEnd',
  // ES2020
  'allSettled', 'matchAll',
  // ES2021
  'any', 'replaceAll',
  // ES2022
  'at', 'hasOwn', 'hasIndices', 'cause',
  // ES2023
  'findLast', 'findLastIndex', 'toReversed', 'toSorted', 'toSpliced', 'with',
  // ES2024 and later
  'groupBy', 'withResolvers', 'isWellFormed', 'toWellFormed', 'fromAsync', 'union', 'intersection', 'difference',
  'symmetricDifference', 'isSubsetOf', 'isSupersetOf', 'isDisjointFrom', 'escape', 'drop', 'take', 'toArray',
  // Browsers
  'clipboard', 'randomUUID', 'replaceChildren', 'checkVisibility', 'requestSubmit', 'showModal', 'showPopover', 'togglePopover',
  'toggleAttribute', 'scheduler', 'userAgentData', 'userActivation', 'locks', 'virtualKeyboard', 'canParse', 'throwIfAborted',
  'timeout', 'bytes', 'getSetCookie', 'isInputPending', 'startViewTransition', 'adoptedStyleSheets', 'attachInternals',
]);

/** Names that stand for themselves. */
export const GLOBALS = new Set([
  'globalThis', 'BigInt', 'BigInt64Array', 'BigUint64Array', 'AggregateError', 'WeakRef', 'FinalizationRegistry', 'Iterator',
  'queueMicrotask', 'structuredClone', 'reportError', 'AbortController', 'AbortSignal', 'ResizeObserver', 'CompressionStream',
  'DecompressionStream', 'TextDecoderStream', 'TextEncoderStream', 'BroadcastChannel', 'EyeDropper', 'Highlight', 'Sanitizer',
  'URLPattern', 'navigation', 'cookieStore', 'scheduler', 'requestIdleCallback', 'cancelIdleCallback', 'visualViewport',
  'SharedWorker', 'OffscreenCanvas', 'ReportingObserver', 'trustedTypes',
]);

/** What `Intl` has since then. */
export const OF_INTL = new Set([
  'RelativeTimeFormat', 'ListFormat', 'Locale', 'DisplayNames', 'Segmenter', 'DurationFormat', 'getCanonicalLocales',
  'supportedValuesOf',
]);
