/** The backends of a browser: our own kernels, and onnxruntime-web on processor or GPU. */
export const backendNames = ['kernels', 'onnxruntime', 'webgpu'] as const;
/** One of {@link backendNames}. */
export type BackendName = (typeof backendNames)[number];
