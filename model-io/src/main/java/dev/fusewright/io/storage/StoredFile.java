/*
 * Copyright the Fusewright authors.
 *
 * Licensed under the Apache License, Version 2.0 (the "License"); you may not use this file except
 * in compliance with the License. You may obtain a copy of the License at
 *
 *     http://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software distributed under the License
 * is distributed on an "AS IS" BASIS, WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express
 * or implied. See the License for the specific language governing permissions and limitations under
 * the License.
 */
package dev.fusewright.io.storage;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Status of a file: what a store knows without reading it.
 *
 * @param bytes its size
 * @param modified when it was last written, as precisely as the store knows
 * @param etag the store's own mark of the content, where it has one
 */
public record StoredFile(Location location, long bytes, Instant modified, @Nullable String etag) {}
