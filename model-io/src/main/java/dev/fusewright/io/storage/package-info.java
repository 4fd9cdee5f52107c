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

/**
 * Storage of models: one small interface over local files and over every scheme of Hadoop's {@code
 * FileSystem}.
 *
 * <p>A {@link dev.fusewright.io.storage.Location} names a file; a {@link
 * dev.fusewright.io.storage.Store} looks at it, lists, opens it for reading and publishes to it.
 * Publishing is atomic everywhere: a reader sees the whole file or none. How that is done depends
 * on the scheme:
 *
 * <table>
 * <caption>How a file becomes visible</caption>
 * <tr><th>scheme</th><th>strategy</th><th>when the writer fails</th></tr>
 * <tr><td>file, hdfs, abfs, and any other</td><td>a temporary file in the same folder, renamed over
 * the target</td>
 * <td>the temporary file is deleted</td></tr>
 * <tr><td>s3a, gs</td><td>written to the final key, which appears only when the stream is closed;
 * never renamed</td>
 * <td>the stream is aborted, never closed: closing would publish what is there so far</td></tr>
 * </table>
 *
 * <p>A copy of a file of the same store is made without its bytes coming here, where the store can:
 * by the kernel, and by S3 ({@code S3Objects}, which has the requests that {@code FileSystem}
 * lacks).
 *
 * <p>Local files never touch Hadoop, in a run as in a command on a single file: initialising it
 * costs more than folding a small model, and its local file system starts a process for each file
 * that is made, to set its permissions.
 *
 * <p>Retries of transient errors are the client's, by its own configuration and the time-outs of
 * {@code StoreDefaults}. Only what no client can do is done here: a staged read goes on where it
 * broke off, and a publication is sent anew as a whole. {@link
 * dev.fusewright.io.storage.StorageErrors} tells what may pass from what a person must see to.
 * Credentials come from providers (environment, instance roles, credential files) and never from a
 * {@link dev.fusewright.io.storage.StorageConfiguration} or a location, which are shown in user
 * interfaces and logs.
 *
 * <p>A file of which ranges are in a store already is published by {@link
 * dev.fusewright.io.storage.Store#assemble}: S3 copies the long ones of its own by itself, and
 * everything is sent where it cannot.
 *
 * <p>Files on this machine lie in a {@link dev.fusewright.io.storage.Scratch} folder of a {@link
 * dev.fusewright.io.storage.ScratchSpace}, which the workers of one JVM share: a model claims what
 * it needs, and waits for it, before it is fetched.
 *
 * <p>Never here: what is in a file.
 */
@NullMarked
package dev.fusewright.io.storage;

import org.jspecify.annotations.NullMarked;
