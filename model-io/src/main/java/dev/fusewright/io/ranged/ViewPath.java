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
package dev.fusewright.io.ranged;

import java.io.IOException;
import java.net.URI;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import org.jspecify.annotations.Nullable;

/** A path of the default file system that leads through a view. */
final class ViewPath implements Path {
  private final ViewFileSystem view;
  private final Path path;

  ViewPath(ViewFileSystem view, Path path) {
    this.view = view;
    this.path = path;
  }

  /** The path of the default file system. */
  static Path unwrapped(Path path) {
    return path instanceof ViewPath viewed ? viewed.path : path;
  }

  private @Nullable Path wrapped(@Nullable Path other) {
    return other == null ? null : new ViewPath(view, other);
  }

  @Override
  public ViewFileSystem getFileSystem() {
    return view;
  }

  @Override
  public boolean isAbsolute() {
    return path.isAbsolute();
  }

  @Override
  public @Nullable Path getRoot() {
    return wrapped(path.getRoot());
  }

  @Override
  public @Nullable Path getFileName() {
    return wrapped(path.getFileName());
  }

  @Override
  public @Nullable Path getParent() {
    return wrapped(path.getParent());
  }

  @Override
  public int getNameCount() {
    return path.getNameCount();
  }

  @Override
  public Path getName(int index) {
    return new ViewPath(view, path.getName(index));
  }

  @Override
  public Path subpath(int from, int to) {
    return new ViewPath(view, path.subpath(from, to));
  }

  @Override
  public boolean startsWith(Path other) {
    return isOfThisView(other) && path.startsWith(unwrapped(other));
  }

  @Override
  public boolean endsWith(Path other) {
    return isOfThisView(other) && path.endsWith(unwrapped(other));
  }

  private boolean isOfThisView(Path other) {
    return other instanceof ViewPath viewed && viewed.view == view;
  }

  @Override
  public Path normalize() {
    return new ViewPath(view, path.normalize());
  }

  @Override
  public Path resolve(Path other) {
    return new ViewPath(view, path.resolve(unwrapped(other)));
  }

  @Override
  public Path relativize(Path other) {
    return new ViewPath(view, path.relativize(unwrapped(other)));
  }

  @Override
  public URI toUri() {
    return path.toUri();
  }

  @Override
  public Path toAbsolutePath() {
    return new ViewPath(view, path.toAbsolutePath());
  }

  @Override
  public Path toRealPath(LinkOption... options) throws IOException {
    return new ViewPath(view, path.toRealPath(options));
  }

  @Override
  public WatchKey register(
      WatchService watcher, WatchEvent.Kind<?>[] events, WatchEvent.Modifier... modifiers) {
    throw new UnsupportedOperationException("a view is not watched");
  }

  @Override
  public int compareTo(Path other) {
    return path.compareTo(unwrapped(other));
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof ViewPath viewed && viewed.view == view && viewed.path.equals(path);
  }

  @Override
  public int hashCode() {
    return path.hashCode();
  }

  @Override
  public String toString() {
    return path.toString();
  }
}
