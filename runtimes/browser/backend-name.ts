/** What can run the networks in a browser: our own kernels, and onnxruntime-web on processor or GPU. */
export const backendNames = ['kernels', 'onnxruntime', 'webgpu'] as const;
export type BackendName = (typeof backendNames)[number];
