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

import java.nio.file.Path;

/**
 * A file on this machine, with what its store said of it.
 *
 * @param source what the store said of it
 * @param file where its bytes are: the source itself if that is local, otherwise a copy in scratch
 * @param sha256 of all its bytes, in lower-case hexadecimal
 */
public record Staged(StoredFile source, Path file, String sha256) {}
