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

import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;

/**
 * A file that is being written. Nobody sees it before {@link #commit}; closing it without a commit
 * leaves nothing behind, whatever has been written and however it failed.
 */
public interface PendingFile extends Closeable {
  /** Takes the content. Must not be closed by the caller: on an object store that would publish. */
  OutputStream stream();

  /** Makes the file visible, whole. */
  StoredFile commit() throws IOException;

  /** Abandons the file unless it is committed. */
  @Override
  void close() throws IOException;
}
