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
import java.io.InputStream;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessMode;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.attribute.FileTime;
import java.nio.file.spi.FileSystemProvider;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is done through a view: files are opened, looked at and deleted, folders are made. Nothing
 * is listed, copied or moved. It is not installed; paths come from their view alone.
 */
final class ViewProvider extends FileSystemProvider {
  private final RangedFiles files;

  ViewProvider(RangedFiles files) {
    this.files = files;
  }

  @Override
  public String getScheme() {
    return "fusewright-ranged";
  }

  @Override
  public ViewFileSystem newFileSystem(URI uri, Map<String, ?> environment) {
    throw notByUri();
  }

  @Override
  public ViewFileSystem getFileSystem(URI uri) {
    throw notByUri();
  }

  @Override
  public Path getPath(URI uri) {
    throw notByUri();
  }

  private static UnsupportedOperationException notByUri() {
    return new UnsupportedOperationException("a view has no address");
  }

  @Override
  public FileChannel newFileChannel(
      Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
      throws IOException {
    return files.open(ViewPath.unwrapped(path), options);
  }

  @Override
  public InputStream newInputStream(Path path, OpenOption... options) throws IOException {
    return files.stream(ViewPath.unwrapped(path));
  }

  @Override
  public SeekableByteChannel newByteChannel(
      Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
      throws IOException {
    return newFileChannel(path, options, attributes);
  }

  @Override
  public DirectoryStream<Path> newDirectoryStream(
      Path folder, DirectoryStream.Filter<? super Path> filter) {
    throw new UnsupportedOperationException("a view is not listed");
  }

  @Override
  public void createDirectory(Path folder, FileAttribute<?>... attributes) throws IOException {
    Files.createDirectory(ViewPath.unwrapped(folder), attributes);
  }

  @Override
  public void delete(Path path) throws IOException {
    files.delete(ViewPath.unwrapped(path));
  }

  @Override
  public void copy(Path source, Path target, CopyOption... options) {
    throw new UnsupportedOperationException("within a view nothing is copied");
  }

  @Override
  public void move(Path source, Path target, CopyOption... options) {
    throw new UnsupportedOperationException("within a view nothing is moved");
  }

  @Override
  public boolean isSameFile(Path one, Path other) throws IOException {
    return one.equals(other)
        || Files.isSameFile(ViewPath.unwrapped(one), ViewPath.unwrapped(other));
  }

  @Override
  public boolean isHidden(Path path) throws IOException {
    return Files.isHidden(ViewPath.unwrapped(path));
  }

  @Override
  public FileStore getFileStore(Path path) throws IOException {
    return Files.getFileStore(ViewPath.unwrapped(path));
  }

  @Override
  public void checkAccess(Path path, AccessMode... modes) throws IOException {
    Path place = ViewPath.unwrapped(path);
    place.getFileSystem().provider().checkAccess(place, modes);
  }

  @Override
  public <V extends FileAttributeView> @Nullable V getFileAttributeView(
      Path path, Class<V> type, LinkOption... options) {
    return null;
  }

  @Override
  public <A extends BasicFileAttributes> A readAttributes(
      Path path, Class<A> type, LinkOption... options) throws IOException {
    if (type != BasicFileAttributes.class) {
      throw new UnsupportedOperationException(type.getName());
    }
    Path place = ViewPath.unwrapped(path);
    BasicFileAttributes attributes =
        Files.readAttributes(place, BasicFileAttributes.class, options);
    Long size = files.size(place);
    return type.cast(size == null ? attributes : new Sized(attributes, size));
  }

  @Override
  public Map<String, Object> readAttributes(Path path, String names, LinkOption... options) {
    throw new UnsupportedOperationException(names);
  }

  @Override
  public void setAttribute(Path path, String name, Object value, LinkOption... options) {
    throw new UnsupportedOperationException(name);
  }

  /** Attributes of a file of which not all bytes are where the others are. */
  private record Sized(BasicFileAttributes others, long size) implements BasicFileAttributes {
    @Override
    public FileTime lastModifiedTime() {
      return others.lastModifiedTime();
    }

    @Override
    public FileTime lastAccessTime() {
      return others.lastAccessTime();
    }

    @Override
    public FileTime creationTime() {
      return others.creationTime();
    }

    @Override
    public boolean isRegularFile() {
      return others.isRegularFile();
    }

    @Override
    public boolean isDirectory() {
      return others.isDirectory();
    }

    @Override
    public boolean isSymbolicLink() {
      return others.isSymbolicLink();
    }

    @Override
    public boolean isOther() {
      return others.isOther();
    }

    @Override
    public @Nullable Object fileKey() {
      return others.fileKey();
    }
  }
}
